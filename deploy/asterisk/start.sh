#!/bin/sh
# start.sh: Asterisk in a container. The configuration comes read-only; its password and address are put into a copy.
set -eu
shipped=${ASTERISK_SHIPPED:-/usr/local/etc/payam-asterisk}
etc=${ASTERISK_ETC:-/etc/asterisk}

case ${ASTERISK_PASSWORD:-} in
'' | change-me) echo 'start.sh: ASTERISK_PASSWORD is not set' >&2; exit 1 ;;
*[!A-Za-z0-9_-]*) echo 'start.sh: ASTERISK_PASSWORD may have letters, digits, - and _ alone' >&2; exit 1 ;;
esac

cp "$shipped"/*.conf "$etc"/
sed "s/^password = .*/password = $ASTERISK_PASSWORD/" "$shipped"/ari.conf >"$etc"/ari.conf
# Reached from the gateway's container: on the network inside, which has no way out, and whose port is not published.
sed 's/^bindaddr = .*/bindaddr = 0.0.0.0/' "$shipped"/http.conf >"$etc"/http.conf
# As many ports as are published.
sed "s/^rtpend = .*/rtpend = ${ASTERISK_RTP_END:-10499}/" "$shipped"/rtp.conf >"$etc"/rtp.conf
mkdir -p "${ASTERISK_SPOOL:-/var/spool/asterisk}"/recording
exec asterisk -f -n -C "$etc"/asterisk.conf
