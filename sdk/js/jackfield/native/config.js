import { current } from "./current.js";

export default {
    get: (key) => current().config[key] ?? null,
    getAll: () => Object.entries(current().config),
};
