"""The menus as data: YAML files become one checked, frozen `Menu`, or an error that tells every fault."""

from gateway_ussd.menus.checks import edges
from gateway_ussd.menus.loading import SHIPPED, load
from gateway_ussd.menus.menu import Menu, Template

__all__ = ["SHIPPED", "Menu", "Template", "edges", "load"]
