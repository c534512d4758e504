// The host's own, inside a component.
export { default } from "wasi:config/store@0.2.0-rc.1";
