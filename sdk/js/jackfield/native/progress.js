import { current } from "./current.js";

export default {
    report: (done, total, message) => void current().reports.push({ done, total: total ?? undefined, message }),
    save: (data) => void (current().savepoint = Uint8Array.from(data)),
    load: () => current().savepoint ?? null,
};
