// weir-client: live numbers on a page. Begin with Weir.subscribe().

export { toMs } from './duration.ts';
export { WeirError } from './errors.ts';
export { Subscription, type SubscriptionEvents } from './subscription.ts';
export type * from './types.ts';
export { Weir, type WeirEvents } from './weir.ts';
