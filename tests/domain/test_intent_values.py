"""What is wanted, as people read it."""

from wifi_manager.domain.intent_layers import Layer, Scope, combine
from wifi_manager.domain.intent_values import values


def test_lists_are_read_as_words_and_keys_are_hidden():
    document = {"networks": [{"name": "staff", "radios": ["radio0", "radio1"], "key": "do-not-show-me"}]}

    shown = {each.path: each.text for each in values(combine([Layer(Scope.parse("fleet"), document)]))}

    assert shown["networks.staff.radios"] == "radio0, radio1"
    assert "do-not-show-me" not in str(shown)
