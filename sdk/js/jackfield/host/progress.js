// The host's own, inside a component.
export { default } from "jackfield:task/progress@0.1.0";
