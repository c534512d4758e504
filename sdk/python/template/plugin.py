"""Says hello."""

from dataclasses import dataclass

from jackfield import Permanent, task


@dataclass
class Greeting:
    """What is said.

    Attributes:
        text: The words.
    """

    text: str


@task(effect="pure", errors={"no-name": "The name is empty."}, example_input={"name": "Ada"})
def greet(name: str) -> Greeting:
    """Greets somebody by name.

    Args:
        name: Who to greet.
    """
    if not name:
        raise Permanent("no-name", "the name is empty")
    return Greeting(f"Hello, {name}!")
