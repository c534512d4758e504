;; The component around a hand-written core module: the types of `jackfield:task@0.1.0` and the canonical ABI.
;;
;; `src/lib.rs` puts a module in the place of the line with `CORE`. The module exports `memory`, `realloc`, `describe` and
;; `run`; it imports nothing, and neither does the component: there is nothing that instantiates faster.
;;
;; How answers lie in memory (all numbers are bytes, pointers and lengths are 4):
;;   describe → pointer to { pointer to tasks, number of tasks }
;;     task (60): name 0, docs 8, input schema 16, output schema 24, errors 32, effect 40 (one byte), capabilities 44, annotations 52
;;   run → pointer, divisible by 8, to the result: 0 at 0 for ok and its text at 8; 1 at 0 for an error:
;;     its case at 8 (one byte), its detail at 16 (for `retry-after` the delay at 16, the detail at 24)
;;     detail (28): code 0, message 8, data 16 (1 at 16 when there is any, its text at 20)
(component
  (component $plugin
    ;; CORE

    (type $error-info' (record (field "code" string) (field "docs" string)))
    (export $error-info "error-info" (type $error-info'))
    (type $effect' (enum "pure" "reads" "effects"))
    (export $effect "effect" (type $effect'))
    (type $capability'
      (record (field "name" string) (field "scope" (list string)) (field "required" bool) (field "docs" string)))
    (export $capability "capability" (type $capability'))
    (type $task-info'
      (record
        (field "name" string)
        (field "docs" string)
        (field "input-schema" string)
        (field "output-schema" string)
        (field "errors" (list $error-info))
        (field "effect" $effect)
        (field "capabilities" (list $capability))
        (field "annotations" (list (tuple string string)))))
    (export $task-info "task-info" (type $task-info'))
    (type $error-detail' (record (field "code" string) (field "message" string) (field "data" (option string))))
    (export $error-detail "error-detail" (type $error-detail'))
    (type $retry-later' (record (field "delay-ms" u64) (field "detail" $error-detail)))
    (export $retry-later "retry-later" (type $retry-later'))
    (type $task-error'
      (variant
        (case "transient" $error-detail)
        (case "retry-after" $retry-later)
        (case "permanent" $error-detail)
        (case "unknown-outcome" $error-detail)))
    (export $task-error "task-error" (type $task-error'))

    (core instance $instance (instantiate $module))
    (func $describe (result (list $task-info))
      (canon lift (core func $instance "describe") (memory (core memory $instance "memory"))))
    (func $run (param "task" string) (param "input" string) (result (result string (error $task-error)))
      (canon lift (core func $instance "run")
        (memory (core memory $instance "memory")) (realloc (core func $instance "realloc"))))
    (export "describe" (func $describe))
    (export "run" (func $run)))

  (instance $tasks (instantiate $plugin))
  (export "jackfield:task/tasks@0.1.0" (instance $tasks)))
