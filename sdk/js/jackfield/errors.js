// How a task fails: the class says what the engine should do about it.

const CODE = /^[a-z0-9-]{1,64}$/;

export function checkCode(code) {
    if (typeof code !== "string" || !CODE.test(code)) {
        throw new TypeError(`the error code ${JSON.stringify(code)} is not 1 to 64 characters of a-z, 0-9 and -`);
    }
    return code;
}

export class TaskError extends Error {
    constructor(code, message, data) {
        super(message);
        this.name = new.target.name;
        this.code = checkCode(code);
        this.data = data;
        this.kind = "permanent";
    }
}

export class Transient extends TaskError {
    constructor(code, message, data) {
        super(code, message, data);
        this.kind = "transient";
    }
}

export class Permanent extends TaskError {}

export class UnknownOutcome extends TaskError {
    constructor(code, message, data) {
        super(code, message, data);
        this.kind = "unknown-outcome";
    }
}

export class RetryAfter extends TaskError {
    constructor(seconds, code, message, data) {
        super(code, message, data);
        if (!(seconds >= 0 && seconds < 1e12)) {
            throw new RangeError(`a delay is a number of seconds from 0, and no ${seconds}`);
        }
        this.kind = "retry-after";
        this.delayMs = Math.ceil(seconds * 1000);
    }
}
