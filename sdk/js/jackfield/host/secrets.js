// The host's own, inside a component.
export { default } from "jackfield:task/secrets@0.1.0";
