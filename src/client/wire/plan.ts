import { anything, list, map, object, request, text } from './codec.ts';

/** An operation that is not to be done: the parameters of its path and its request. */
export const planRequest = request('PlanRequest', { params: map(text), body: anything });

/** What the operation would do, in order, in words an operator knows. */
export const planAnswer = object('PlanResponse', { steps: list(text) });
