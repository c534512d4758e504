import { current } from "./current.js";

// Nobody waits in a test; it is told how long it would have been.
export default { subscribeDuration: (nanoseconds) => ({ block: () => void current().waited.push(nanoseconds / 1e6) }) };
