;; The smallest useful plugin: one pure task `inc` that turns {"v": n} into {"v": n+1}. Benchmarks measure the engine with it.
;;
;; It reads no JSON: it takes the digits and the minus sign of its input as they come, which for an integer `v` is the
;; number. `shim.wat` says how descriptions and answers lie in memory.
(core module $module
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 4096))

  ;; One task at 16. Its fields from 32 on are zero: no errors, pure, no capabilities, no annotations.
  (data (i32.const 8) "\10\00\00\00\01\00\00\00")
  (data (i32.const 16)
    "\80\00\00\00\03\00\00\00"  ;; name: 3 bytes at 128
    "\83\00\00\00\09\00\00\00"  ;; docs: 9 bytes at 131
    "\8c\00\00\00\65\00\00\00"  ;; input schema: 101 bytes at 140
    "\8c\00\00\00\65\00\00\00") ;; output schema: the same
  (data (i32.const 128) "inc" "Adds one."
    "{\22type\22:\22object\22,\22properties\22:{\22v\22:{\22type\22:\22integer\22}},\22required\22:[\22v\22],\22additionalProperties\22:false}")

  (func (export "describe") (result i32)
    (i32.const 8))

  ;; The task's name and the input arrive here. Nothing is ever given back: `run` starts over when it is done.
  (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at
      (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func (export "run") (param $task i32) (param $task-size i32) (param $input i32) (param $input-size i32) (result i32)
    (local $end i32)
    (local $byte i32)
    (local $negative i32)
    (local $n i64)
    (local $at i32)
    (local.set $end (i32.add (local.get $input) (local.get $input-size)))
    (block $read
      (loop $next
        (br_if $read (i32.ge_u (local.get $input) (local.get $end)))
        (local.set $byte (i32.load8_u (local.get $input)))
        (local.set $input (i32.add (local.get $input) (i32.const 1)))
        (if (i32.eq (local.get $byte) (i32.const 0x2d)) ;; -
          (then (local.set $negative (i32.const 1))))
        (if (i32.lt_u (i32.sub (local.get $byte) (i32.const 0x30)) (i32.const 10)) ;; 0 to 9
          (then
            (local.set $n
              (i64.add
                (i64.mul (local.get $n) (i64.const 10))
                (i64.extend_i32_u (i32.sub (local.get $byte) (i32.const 0x30)))))))
        (br $next)))
    (if (local.get $negative)
      (then (local.set $n (i64.sub (i64.const 0) (local.get $n)))))
    (local.set $n (i64.add (local.get $n) (i64.const 1)))

    ;; The answer is written from its end, which is at 1000, to its beginning.
    (local.set $negative (i64.lt_s (local.get $n) (i64.const 0)))
    (if (local.get $negative)
      (then (local.set $n (i64.sub (i64.const 0) (local.get $n)))))
    (local.set $at (i32.const 999))
    (i32.store8 (local.get $at) (i32.const 0x7d)) ;; }
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 0x30) (i32.wrap_i64 (i64.rem_u (local.get $n) (i64.const 10)))))
      (local.set $n (i64.div_u (local.get $n) (i64.const 10)))
      (br_if $digit (i64.ne (local.get $n) (i64.const 0))))
    (if (local.get $negative)
      (then
        (local.set $at (i32.sub (local.get $at) (i32.const 1)))
        (i32.store8 (local.get $at) (i32.const 0x2d))))
    (local.set $at (i32.sub (local.get $at) (i32.const 5)))
    (i32.store align=1 (local.get $at) (i32.const 0x2276227b)) ;; {"v"
    (i32.store8 offset=4 (local.get $at) (i32.const 0x3a)) ;; :

    (i32.store (i32.const 520) (local.get $at))
    (i32.store (i32.const 524) (i32.sub (i32.const 1000) (local.get $at)))
    (global.set $free (i32.const 4096))
    (i32.const 512)))
