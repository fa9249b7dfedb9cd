"""What the services of other organisations answer."""

from simulator.schemas.form import Form


class Basket(Form):
    """Whether a person is entitled to the support basket."""

    entitled: bool
    words: str
    """The same in Persian."""


class Branch(Form):
    """One branch."""

    name: str
    address: str
    phone: str


class Branches(Form):
    """The branches of a province."""

    branches: list[Branch]
