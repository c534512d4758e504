// The host's own, inside a component.
export { default } from "jackfield:task/log@0.1.0";
