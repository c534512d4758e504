import { current } from "./current.js";

export default {
    write: (level, message, fields) => void current().lines.push({ level, message, fields: Object.fromEntries(fields) }),
};
