"""The plugin's side of the contract: what the component exports. Imported by the build alone."""

from __future__ import annotations

import json
import traceback

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import jf_types as wit

from . import log, tasks
from .errors import RetryAfter, TaskError


class Tasks(exports.Tasks):
    """`jackfield:task/tasks`."""

    def describe(self) -> list[wit.TaskInfo]:
        return [_info(task) for task in tasks.TASKS.values()]

    def run(self, task: str, input: str) -> str:
        try:
            return tasks.run(task, input)
        except TaskError as error:
            raise Err(_error(error)) from None
        except MemoryError:
            # The host has said no to more memory: its own error tells how much there was.
            raise
        except Exception as error:
            log.error("".join(traceback.format_exception(error)))
            message = f"{type(error).__name__}: {error}"
            # Tried again, as the engine does with a trap.
            raise Err(wit.TaskError_Transient(wit.ErrorDetail("uncaught-exception", message, None))) from None


def _info(task: tasks.Task) -> wit.TaskInfo:
    return wit.TaskInfo(
        name=task.name,
        docs=task.docs,
        input_schema=task.input_schema(),
        output_schema=task.output_schema(),
        errors=[wit.ErrorInfo(code, docs) for code, docs in task.errors.items()],
        effect=wit.Effect[task.effect.upper()],
        capabilities=[wit.Capability(ask.name, list(ask.scope), ask.required, ask.docs) for ask in task.asks],
        annotations=list(task.annotations.items()),
    )


def _error(error: TaskError):
    data = None if error.data is None else json.dumps(error.data, ensure_ascii=False, default=str)
    detail = wit.ErrorDetail(error.code, error.message, data)
    if isinstance(error, RetryAfter):
        return wit.TaskError_RetryAfter(wit.RetryLater(error.delay_ms, detail))
    cases = {"transient": wit.TaskError_Transient, "unknown-outcome": wit.TaskError_UnknownOutcome}
    return cases.get(error.kind, wit.TaskError_Permanent)(detail)
