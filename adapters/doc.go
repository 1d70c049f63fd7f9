// Package adapters is the module of stores and sinks that need a driver or a client: what stands here never enters the
// go.sum of a service that imports a room.
//
// Package sqlstore keeps the rooms' data in SQLite or PostgreSQL, package redisstore in Redis.
package adapters
