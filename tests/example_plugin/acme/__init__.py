from tui_numbers.providers.contract import Plugin

from acme.info import INFO


def connect(api):
    from acme.client import Acme

    return Acme(api)


PLUGIN = Plugin(INFO, connect)
