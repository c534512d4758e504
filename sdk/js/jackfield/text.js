// UTF-8, where there is no TextEncoder.

export function toUtf8(text) {
    const bytes = [];
    for (const character of text) {
        const code = character.codePointAt(0);
        // Half a pair of surrogates is no character.
        const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
        if (point < 0x80) {
            bytes.push(point);
        } else if (point < 0x800) {
            bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63));
        } else if (point < 0x10000) {
            bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
        } else {
            bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
        }
    }
    return Uint8Array.from(bytes);
}

// The text, or nothing when the bytes are no UTF-8.
export function tryUtf8(bytes) {
    const parts = [];
    for (let at = 0; at < bytes.length; ) {
        const first = bytes[at];
        const length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
        if (length === 0 || at + length > bytes.length) {
            return undefined;
        }
        let point = length === 1 ? first : first & (0xff >> (length + 1));
        for (let next = 1; next < length; next += 1) {
            if ((bytes[at + next] & 0xc0) !== 0x80) {
                return undefined;
            }
            point = (point << 6) | (bytes[at + next] & 63);
        }
        if (point < [0, 0, 0x80, 0x800, 0x10000][length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
            return undefined;
        }
        parts.push(String.fromCodePoint(point));
        at += length;
    }
    return parts.join("");
}

export const fromUtf8 = (bytes) => tryUtf8(bytes) ?? "";
