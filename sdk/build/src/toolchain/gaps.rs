//! What Rust's standard library calls and Debian's older wasi-libc lacks.
//!
//! Threads and sockets are nothing that a task has, so each of these functions says so: threads cannot be made
//! (`EAGAIN`), the rest is not supported (`ENOTSUP`). They are compiled once, together with the standard library, into
//! an archive; the linker takes from it only what a plugin's code reaches.

/// The source of a crate for `wasm32-wasip2`. Without a panic handler: that is the standard library's.
pub(super) const SOURCE: &str = r#"
#![no_std]
#![feature(thread_local)]

use core::ffi::{c_char, c_int, c_void};
use core::ptr::null_mut;

const EAGAIN: c_int = 6;
const ENOTSUP: c_int = 58;
const EAI_FAIL: c_int = -4;

extern "C" {
    #[thread_local]
    static mut errno: c_int;
}

fn unsupported() -> c_int {
    unsafe { errno = ENOTSUP };
    -1
}

macro_rules! unsupported {
    ($($name:ident($($argument:ident: $ty:ty),*);)*) => {
        $(#[no_mangle]
        pub extern "C" fn $name($(_: $ty),*) -> c_int {
            unsupported()
        })*
    };
}

unsupported! {
    bind(socket: c_int, address: *const c_void, length: u32);
    chmod(path: *const c_char, mode: u32);
    connect(socket: c_int, address: *const c_void, length: u32);
    fchmod(file: c_int, mode: u32);
    getpeername(socket: c_int, address: *mut c_void, length: *mut u32);
    getsockname(socket: c_int, address: *mut c_void, length: *mut u32);
    listen(socket: c_int, backlog: c_int);
    recvfrom(socket: c_int, buffer: *mut c_void, length: usize, flags: c_int, address: *mut c_void, size: *mut u32);
    sendto(socket: c_int, buffer: *const c_void, length: usize, flags: c_int, address: *const c_void, size: u32);
    setsockopt(socket: c_int, level: c_int, name: c_int, value: *const c_void, length: u32);
    socket(domain: c_int, kind: c_int, protocol: c_int);
}

#[no_mangle]
pub extern "C" fn realpath(_: *const c_char, _: *mut c_char) -> *mut c_char {
    unsupported();
    null_mut()
}

#[no_mangle]
pub extern "C" fn getaddrinfo(_: *const c_char, _: *const c_char, _: *const c_void, _: *mut *mut c_void) -> c_int {
    EAI_FAIL
}

#[no_mangle]
pub extern "C" fn freeaddrinfo(_: *mut c_void) {}

#[no_mangle]
pub extern "C" fn gai_strerror(_: c_int) -> *const c_char {
    c"names cannot be looked up in the sandbox".as_ptr()
}

#[no_mangle]
pub extern "C" fn pthread_attr_init(_: *mut c_void) -> c_int {
    0
}

#[no_mangle]
pub extern "C" fn pthread_attr_destroy(_: *mut c_void) -> c_int {
    0
}

#[no_mangle]
pub extern "C" fn pthread_attr_setstacksize(_: *mut c_void, _: usize) -> c_int {
    0
}

#[no_mangle]
pub extern "C" fn pthread_create(_: *mut c_void, _: *const c_void, _: *const c_void, _: *mut c_void) -> c_int {
    EAGAIN
}

#[no_mangle]
pub extern "C" fn pthread_detach(_: *mut c_void) -> c_int {
    ENOTSUP
}

#[no_mangle]
pub extern "C" fn pthread_join(_: *mut c_void, _: *mut *mut c_void) -> c_int {
    ENOTSUP
}
"#;
