"""What of the ruleset is about names and the time: where phones' questions are led to, and how many are answered.

Who is not signed in asks the doorstep, whichever resolver it means to ask. There a tunnel through DNS carries little:
after a first burst, QUESTIONS_A_SECOND questions with QUESTION_BYTES_A_SECOND bytes of packets; answers over UDP have
ANSWER_BYTES at most, and a TCP connection carries CONNECTION_BYTES, then another may be opened after some seconds.
"""

from collections.abc import Iterator
from string import Template

from wifi_manager.domain.addresses import IpAddress
from wifi_manager.gateway.rules.doors import DOORSTEP_PORT, FILTERED_PORT
from wifi_manager.gateway.settings import Network

QUESTIONS_A_SECOND, QUESTIONS_BURST = 4, 120
QUESTION_BYTES_A_SECOND, QUESTION_BYTES_BURST = 400, 12_000  # of IP packets, headers included
ANSWER_BYTES = 512  # over UDP, as without EDNS (RFC 1035, 4.2.1)
CONNECTIONS_A_MINUTE, CONNECTIONS_BURST = 6, 8
CONNECTION_BYTES = 8_000  # of answers: of IP packets as well

NAME_SETS = """\
	# Brakes for names and the time, per device; what answers over TCP carry, per connection.
	set doorstep_questions { type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }
	set doorstep_bytes { type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }
	set doorstep_connections { type ether_addr; size 65536; flags dynamic,timeout; timeout 2m; }
	set doorstep_answers4 { type ipv4_addr . inet_service; size 65536; flags dynamic,timeout; timeout 2m; }
	set doorstep_answers6 { type ipv6_addr . inet_service; size 65536; flags dynamic,timeout; timeout 2m; }
	set clock_brake { type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }
"""
NAME_BASE_CHAINS = {"output": "type filter hook output priority filter; policy accept;"}
NAME_CHAINS = ("names", "doorstep", "clock", "doorstep_answers")

NAME_DOORS = f"""\
		meta l4proto {{ tcp, udp }} th dport {{ 53, {DOORSTEP_PORT}, {FILTERED_PORT} }} goto names
		udp dport 123 goto clock
"""

_CHAINS = Template("""\
	chain names {
		meta mark $nobody goto doorstep
		udp dport { 53, $filtered } update @dns_brake { ether saddr limit rate over 30/second burst 60 packets } drop
		th dport { 53, $filtered } accept
		goto refuse
	}
	chain doorstep {
		th dport != $doorstep goto refuse
		tcp flags syn ct state new update @doorstep_connections \
{ ether saddr limit rate over $connections/minute burst $connections_burst packets } goto refuse
		update @doorstep_questions \
{ ether saddr limit rate over $questions/second burst $questions_burst packets } drop
		update @doorstep_bytes { ether saddr limit rate over $bytes bytes/second burst $bytes_burst bytes } drop
		accept
	}
	chain clock {
		update @clock_brake { ether saddr limit rate over 2/second burst 16 packets } drop
		accept
	}
	chain output {
		meta l4proto { tcp, udp } th sport $doorstep goto doorstep_answers
	}
	chain doorstep_answers {
		udp length > $answer_and_header drop comment "of a server that was told to send no more"
		meta l4proto udp accept
		meta nfproto ipv4 update @doorstep_answers4 { ip daddr . tcp dport quota over $answers bytes } drop
		meta nfproto ipv6 update @doorstep_answers6 { ip6 daddr . tcp dport quota over $answers bytes } drop
	}
""")


def name_chains(nobody: int) -> str:
    """The chains, for a table in which a device that is not signed in has the mark `nobody`."""
    return _CHAINS.substitute(
        nobody=f"0x{nobody:x}",
        doorstep=DOORSTEP_PORT,
        filtered=FILTERED_PORT,
        questions=QUESTIONS_A_SECOND,
        questions_burst=QUESTIONS_BURST,
        bytes=QUESTION_BYTES_A_SECOND,
        bytes_burst=QUESTION_BYTES_BURST,
        connections=CONNECTIONS_A_MINUTE,
        connections_burst=CONNECTIONS_BURST,
        answer_and_header=ANSWER_BYTES + 8,
        answers=CONNECTION_BYTES,
    )


def name_redirects(network: Network, own: IpAddress, nobody: int, *, has_clock: bool) -> Iterator[str]:
    """Where first packets of connections to any resolver or clock are led, in the family of the gateway's `own`."""
    ip, to = ("ip", str(own)) if own.version == 4 else ("ip6", f"[{own}]")  # noqa: PLR2004 - versions of IP
    phone, question = f'iifname "{network.interface}" meta mark', "meta l4proto { tcp, udp } th dport 53"
    yield f"{phone} 0x{nobody:x} {question} dnat {ip} to {to}:{DOORSTEP_PORT}"
    if has_clock:
        yield f"{phone} 0x{nobody:x} udp dport 123 dnat {ip} to {to}:123"
    if network.filter:
        yield f"{phone} != 0x{nobody:x} {question} dnat {ip} to {to}:{FILTERED_PORT}"


def filtered_refusals(network: Network, nobody: int) -> Iterator[str]:
    """In the chain `from_lan`: names over TLS (RFC 7858) and QUIC (RFC 9250) would go around the network's filter."""
    if network.filter:
        phone = f'iifname "{network.interface}" meta mark != 0x{nobody:x}'
        yield f"{phone} meta l4proto {{ tcp, udp }} th dport 853 goto refuse"
