// weir-client: live numbers on a page. Begin with Weir.subscribe().

export { WeirError } from './errors.ts';
export { Subscription } from './subscription.ts';
export type * from './types.ts';
export { Weir } from './weir.ts';
