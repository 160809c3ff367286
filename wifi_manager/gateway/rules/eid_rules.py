"""What of the ruleset lets a phone reach the eID's hosts: while its citizen signs in there, and nobody else's.

Control names the devices, each with its time, and the doorstep's resolver adds the hosts' addresses as they resolve.
Only HTTPS passes, so no probe of a phone does. It is counted for all together and belongs to no visit.
"""

EID_SETS = """\
	# Who signs in with an eID just now, and where; what has passed there, of all devices together.
	set eid_devices { type ether_addr; size 65536; flags timeout; }
	set eid4 { type ipv4_addr; size 65536; flags timeout; timeout 1h; }
	set eid6 { type ipv6_addr; size 65536; flags timeout; timeout 1h; }
	counter eid_up { packets 0 bytes 0 }
	counter eid_dn { packets 0 bytes 0 }
"""
EID_CHAINS = ("eid_hosts",)
EID_QUESTIONS = "ether saddr @eid_devices goto eid_hosts"

EID_RULES = """\
	chain eid_hosts {
		ip daddr @eid4 tcp dport 443 counter name "eid_up" accept
		ip6 daddr @eid6 tcp dport 443 counter name "eid_up" accept
		goto refuse
	}
"""
EID_ANSWERS = """\
		ip saddr @eid4 tcp sport 443 counter name "eid_dn" accept
		ip6 saddr @eid6 tcp sport 443 counter name "eid_dn" accept
"""
