// Package redisstore keeps what the rooms must share between machines in Redis.
//
// A [Store] stands on a client that the program made. Each room's part of it implements that room's interface:
// [Store.Sessions], [Store.Limits], [Store.Guard]. Each thing is changed by one script, which Redis runs alone; keys are
// forgotten by themselves when they have no effect any more. It needs Redis 5 or newer, or what speaks its protocol; in a
// cluster every script stays in one slot.
//
// The server must be told:
//
//   - maxmemory-policy noeviction: a server that drops keys to make room forgives whom it forgets. Do not share it with a
//     cache.
//   - appendonly yes, so that a restart does not sign everybody out. Redis confirms before a replica or the disk has the
//     change: a failover may lose the last second, and with it a logout.
//   - a password and a network of its own: whoever may write here may bring back a session that was ended.
//
// Reads must go to the primary: leave the client's ReadOnly and RouteBy options off.
package redisstore
