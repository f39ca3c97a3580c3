# Read by scripts/test: Debian's mail servers, which the server tests start for themselves on loopback ports.

server_packages='dovecot-imapd dovecot-lmtpd postfix'

has_servers() {
  [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ] && [ -x /usr/lib/dovecot/lmtp ] && [ -x /usr/sbin/postfix ]
}

# as_root COMMAND...: directly, or by a sudo that asks nothing.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_be_root() { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }

# Installs without a question, removes nothing (another mail server stays), and neither starts nor enables a service.
install_servers() {
  command -v apt-get >/dev/null 2>&1 || { say 'No apt-get here.'; return 1; }
  may_be_root || { say 'No right to install packages (root, or sudo without a password).'; return 1; }
  say "Installing $server_packages (once) ..."
  quietly as_root apt-get -qq update || say 'The package lists could not be renewed; trying with those that are here.'
  _forbid_services
  if _apt_install; then _disable_services && installed=0; else installed=1; fi
  _allow_services
  return "$installed"
}

_apt_install() {
  printf 'postfix postfix/main_mailer_type select Local only\npostfix postfix/mailname string localhost\n' |
    as_root env DEBIAN_FRONTEND=noninteractive debconf-set-selections || return 1
  # shellcheck disable=SC2086 - a list of words
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends --no-remove \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 install $server_packages
}

# Debian asks this program before it starts a service; 101 is no. One that is there already is left alone.
_forbid_services() {
  [ -e /usr/sbin/policy-rc.d ] && return
  printf '#!/bin/sh\nexit 101\n' | as_root sh -c 'cat >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d'
  forbidden=yes
  trap _allow_services EXIT
  trap '_allow_services; exit 130' INT TERM
}

_allow_services() {
  [ "${forbidden:-}" = yes ] || return 0
  as_root rm -f /usr/sbin/policy-rc.d
  forbidden=
}

# Nor at the next start of the machine.
_disable_services() {
  for service in dovecot postfix; do
    as_root update-rc.d "$service" disable >/dev/null 2>&1 || true
  done
}

# quietly COMMAND...: what it says is only shown when it fails.
quietly() {
  talk=$(mktemp)
  if "$@" >"$talk" 2>&1; then
    rm -f "$talk"
    return 0
  fi
  cat "$talk" >&2
  rm -f "$talk"
  return 1
}
