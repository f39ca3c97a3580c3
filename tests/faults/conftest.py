"""The faults use the same desk as the stories."""

from tests.stories.conftest import make_rig, parser, rig

__all__ = ["make_rig", "parser", "rig"]
