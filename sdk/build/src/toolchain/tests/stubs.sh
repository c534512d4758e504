# What the stubs of the tests can do. Nothing of the real machine is called by name; DIR is the machine of one test.

# Remembers a call.
note() { echo "$*" >> "$DIR/called"; }

# A folder with a standard library.
std() {
    /bin/mkdir -p "$1"
    : > "$1/libstd-1.rlib"
}

# What rustup does to the compiler in rust/.
add_target() { std "$DIR/rust/lib/rustlib/wasm32-wasip2/lib"; }

# Makes a program of the script on stdin.
stub() {
    { printf '#!/bin/sh\nDIR="%s"\n. "$DIR/stubs.sh"\n' "$DIR"; /bin/cat; } > "$1"
    /bin/chmod 755 "$1"
}

# What apt-get does: Debian's compiler, and a cargo that builds a standard library.
debian() {
    lib="$DIR/usr/lib"
    /bin/mkdir -p "$lib/wasm32-wasi" "$lib/llvm-19/bin" "$lib/rustlib/h/bin" "$lib/rustlib/src/rust/library/std"
    for file in wasm32-wasi/libc.a wasm32-wasi/crt1-command.o wasm32-wasi/crt1-reactor.o llvm-19/bin/wasm-ld \
        rustlib/h/bin/wasm-component-ld rustlib/src/rust/library/std/Cargo.toml; do
        : > "$lib/$file"
    done
    stub "$DIR/usr/bin/rustc" <<'END'
case "$1" in
    -vV) printf 'rustc 1.96.0 (debian)\nhost: h\ncommit-hash: 0123456789abcdef\n' ;;
    *) echo "$DIR/usr" ;;
esac
END
    stub "$DIR/usr/bin/cargo" <<'END'
note cargo $*
while [ "$1" != --target-dir ]; do shift; done
deps="$2/wasm32-wasip2/release/deps"
std "$deps"
: > "$deps/libgaps-1.rlib"
END
}
