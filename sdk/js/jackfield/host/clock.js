// The host's own, inside a component.
export { default } from "wasi:clocks/monotonic-clock@0.2.12";
