//! One task per capability of the sandbox, and per way to misuse it. Each module says which rows of CASES it serves.

mod crash;
mod fail;
mod files;
mod memory;
mod net;
mod output;
mod savepoint;
mod time;
mod value;
mod world;

jackfield_sdk::plugin!(
    value::echo,
    value::context,
    value::big_output,
    value::deep_output,
    fail::fail,
    fail::fail_until,
    time::spin,
    time::spin_forever,
    time::sleep,
    time::clocks,
    crash::trap,
    crash::panic,
    crash::exit,
    crash::recurse,
    memory::grow,
    memory::touch,
    output::flood,
    output::log_lines,
    savepoint::steps,
    savepoint::save_bytes,
    savepoint::report,
    files::read,
    files::write,
    files::append_line,
    files::list,
    files::open,
    files::link,
    files::set_time,
    net::send,
    net::send_raw,
    net::secret,
    net::send_secret,
    world::config_value,
    world::random,
    world::surroundings
);
