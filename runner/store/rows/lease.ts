import type { HeldLease } from '../contract/leases.ts';
import { optionalNumber, type Row } from './columns.ts';

export const toLease = ({ position, noted_at }: Row): HeldLease => ({
	position: optionalNumber(position),
	notedAt: optionalNumber(noted_at),
});
