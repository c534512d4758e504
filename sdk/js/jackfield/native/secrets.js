import { current } from "./current.js";

export default {
    placeholder(name) {
        const found = current().secrets[name];
        if (found === undefined) {
            throw { tag: "not-granted", val: name };
        }
        return found;
    },
};
