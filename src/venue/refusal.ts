/** The venue refuses with the words of the face. */
export { isRefused, type Refused, refuse, refuseVariant } from "../face/refusal.ts";
