// JSON with whole numbers of 64 bits: those that a number cannot hold are read as bigint, and bigint is written as a number.

const LONG = /\d{16}/;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS = { true: true, false: false, null: null };
// Deeper values than this are refused before the stack is exhausted.
const DEPTH_MAX = 256;

export function parse(text) {
    // Sixteen digits in a row are the least that a number may not hold exactly.
    return LONG.test(text) ? new Parser(text).whole() : JSON.parse(text);
}

class Parser {
    constructor(text) {
        this.text = text;
        this.at = 0;
    }

    whole() {
        const value = this.value(0);
        this.space();
        if (this.at !== this.text.length) {
            this.fail();
        }
        return value;
    }

    fail() {
        throw new SyntaxError(`it is no JSON at character ${this.at}`);
    }

    take(pattern) {
        pattern.lastIndex = this.at;
        const found = pattern.exec(this.text);
        if (found === null) {
            this.fail();
        }
        this.at += found[0].length;
        return found[0];
    }

    space() {
        this.take(SPACE);
    }

    // Whether this character is next; it is then taken.
    is(character) {
        this.space();
        const is = this.text[this.at] === character;
        this.at += is ? 1 : 0;
        return is;
    }

    value(depth) {
        if (depth > DEPTH_MAX) {
            throw new SyntaxError(`it is deeper than ${DEPTH_MAX} levels`);
        }
        if (this.is("{")) {
            return this.object(depth);
        }
        if (this.is("[")) {
            return this.array(depth);
        }
        const next = this.text[this.at];
        if (next === '"') {
            return this.string();
        }
        for (const word of Object.keys(WORDS)) {
            if (this.text.startsWith(word, this.at)) {
                this.at += word.length;
                return WORDS[word];
            }
        }
        return this.number();
    }

    string() {
        return JSON.parse(this.take(STRING));
    }

    number() {
        const text = this.take(NUMBER);
        const number = Number(text);
        return /[.eE]/.test(text) || Number.isSafeInteger(number) ? number : BigInt(text);
    }

    array(depth) {
        const items = [];
        if (this.is("]")) {
            return items;
        }
        do {
            items.push(this.value(depth + 1));
        } while (this.is(","));
        return this.is("]") ? items : this.fail();
    }

    object(depth) {
        const object = {};
        if (this.is("}")) {
            return object;
        }
        do {
            this.space();
            const name = this.string();
            if (!this.is(":")) {
                this.fail();
            }
            set(object, name, this.value(depth + 1));
        } while (this.is(","));
        return this.is("}") ? object : this.fail();
    }
}

// As an own property, whatever its name is.
export function set(object, name, value) {
    if (name === "__proto__") {
        Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
    } else {
        object[name] = value;
    }
}

export function stringify(value) {
    try {
        return JSON.stringify(value);
    } catch (error) {
        if (!(error instanceof TypeError)) {
            throw error;
        }
        return write(value);
    }
}

function write(value) {
    if (typeof value === "bigint") {
        return value.toString();
    }
    if (Array.isArray(value)) {
        return `[${value.map(write).join(",")}]`;
    }
    if (value !== null && typeof value === "object") {
        return `{${Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}:${write(part)}`).join(",")}}`;
    }
    return JSON.stringify(value);
}
