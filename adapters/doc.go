// Package adapters is the module of stores and sinks that need a driver or a client: what stands here never enters the
// go.sum of a service that imports a room.
//
// There is no adapter yet; each arrives with the room whose store it implements.
package adapters
