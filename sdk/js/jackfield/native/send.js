import { Permanent } from "../errors.js";
import { current } from "./current.js";

export default function send(request) {
    const host = current();
    host.requests.push(request);
    if (host.answer === undefined) {
        throw new Permanent("http-denied", `the test's host allows no requests; \`withHost({ answer }, …)\` answers ${request.method} ${request.url}`);
    }
    return host.answer(request);
}
