// The host's own, inside a component.
export { default } from "jackfield:task/context@0.1.0";
