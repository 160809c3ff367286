from wifi_manager.gateway.checking.health import Health, read

PAGE = """\
# TYPE wifi_gateway_control_reachable gauge
wifi_gateway_control_reachable 1.0
# TYPE wifi_gateway_problems_total counter
wifi_gateway_problems_total{reason="disk"} 3.0
# TYPE wifi_gateway_problems_created gauge
wifi_gateway_problems_created{reason="disk"} 1.7e+09
# TYPE wifi_gateway_guard_drops_total counter
wifi_gateway_guard_drops_total{reason="rogue_dhcp"} 7.0
"""


def test_an_agents_metrics_say_how_it_is():
    assert read(PAGE) == Health(control=True, problems={"disk": 3}, guard={"drops rogue_dhcp": 7})


def test_an_agent_that_has_heard_of_nothing_yet_has_no_control():
    assert read("") == Health(control=False, problems={}, guard={})
