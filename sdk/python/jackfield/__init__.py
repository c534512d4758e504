"""Tasks for Jackfield workflows, in Python.

A task is an ordinary function with type hints. Its parameters are the fields of the input, its return type is the output, its
docstring is what people read, and its types are the schema that workflows are checked against:

    from jackfield import Permanent, task

    @task(effect="pure")
    def greet(name: str) -> str:
        \"\"\"Greets somebody by name.\"\"\"
        if not name:
            raise Permanent("no-name", "the name is empty")
        return f"Hello, {name}!"

What a task may ask of the host is in modules of their own, to be imported by name: `from jackfield import http`. A plugin imports
from the host what it imports from here, and nothing else: `config`, `context`, `http`, `log`, `progress`, `secrets`.
"""

from .errors import Permanent, RetryAfter, TaskError, Transient, UnknownOutcome
from .tasks import Ask, Task, ask, task

__all__ = ["Ask", "Permanent", "RetryAfter", "Task", "TaskError", "Transient", "UnknownOutcome", "ask", "task"]
__version__ = "0.1.0"
