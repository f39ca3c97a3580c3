"""Files and texts with data about people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksmail.desk.personal import looks_personal, names_citizen
from ksmail.incoming.message import Attachment


def file(name: str) -> Attachment:
    return Attachment(name=name, content_type="application/pdf", size=1, sha256="0" * 64)


@pytest.mark.parametrize(
    "name",
    [
        "CV.pdf",
        "cv_ada.docx",
        "AdaCV.pdf",
        "c.v. Ada.pdf",
        "Curriculum Vitae Ada.pdf",
        "Résumé (2).pdf",
        "scan paspoort.jpg",
        "Passport-Ada.PNG",
        "ID-kaart.jpg",
        "kopie id.pdf",
        "my driving licence.pdf",
        "Lebenslauf.pdf",
        "BSN.txt",
    ],
)
def test_a_file_that_is_called_like_a_cv_or_a_passport_is_sealed(name: str) -> None:
    assert looks_personal(file(name))


@pytest.mark.parametrize(
    "name",
    [
        "draft agreement.pdf",
        "budget.xlsx",
        "cvd-process.pdf",
        "recovery plan.docx",
        "passing on data.pdf",
        "identity management.pptx",
        "id.pdf",
        "rapport.pdf",
        "",
        "123.pdf",
    ],
)
def test_any_other_file_is_not(name: str) -> None:
    assert not looks_personal(file(name))


@pytest.mark.parametrize("text", ["111222333", "BSN: 123456782.", "1234.56.782", "123 456 782"])
def test_a_citizens_number_passes_the_eleven_test(text: str) -> None:
    assert names_citizen(f"Mijn nummer is {text}\n")


@pytest.mark.parametrize("text", ["123456789", "000000000", "1112223334", "€ 111222333,50", "KV-2026-000111222333", ""])
def test_any_other_number_does_not(text: str) -> None:
    assert not names_citizen(f"Het gaat om {text}\n")


@given(st.text(max_size=300))
def test_any_name_and_any_text_can_be_looked_at(text: str) -> None:
    assert looks_personal(file(text)) in (True, False)
    assert names_citizen(text) in (True, False)
