package redisstore

import (
	"errors"
	"strconv"
	"time"

	"github.com/gopalisade/palisade/auth/session"
)

// errDamaged says that a key holds what this package did not write.
var errDamaged = errors.New("redisstore: damaged value")

// fields spells a session for HSET. Times are microseconds since 1970, and no time is no text.
func fields(f session.Family) []any {
	revoked := ""
	if !f.RevokedAt.IsZero() {
		revoked = micro(f.RevokedAt)
	}
	return []any{
		"issuer", f.User.Issuer, "user", f.User.ID, "tenant", f.Tenant, "client", f.Client, "method", f.Method, "acr", f.ACR,
		"key", f.KeyID, "seed", f.Seed, "generation", strconv.FormatUint(f.Generation, 10), "auth", micro(f.AuthTime),
		"created", micro(f.CreatedAt), "rotated", micro(f.RotatedAt), "idle", micro(f.IdleUntil),
		"expires", micro(f.ExpiresAt), "revoked", revoked,
	}
}

func micro(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// parse reads a session; an empty row is none.
func parse(id string, row map[string]string) (session.Family, error) {
	if len(row) == 0 {
		return session.Family{}, session.ErrNotFound
	}
	f := session.Family{
		ID: id, User: session.User{Issuer: row["issuer"], ID: row["user"]}, Tenant: row["tenant"], Client: row["client"],
		Method: row["method"], ACR: row["acr"], KeyID: row["key"], Seed: []byte(row["seed"]),
	}
	var err error
	if f.Generation, err = strconv.ParseUint(row["generation"], 10, 64); err != nil {
		return session.Family{}, errDamaged
	}
	for name, at := range map[string]*time.Time{
		"auth": &f.AuthTime, "created": &f.CreatedAt, "rotated": &f.RotatedAt, "idle": &f.IdleUntil,
		"expires": &f.ExpiresAt, "revoked": &f.RevokedAt,
	} {
		text, there := row[name]
		if there && text == "" && name == "revoked" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return session.Family{}, errDamaged
		}
		*at = time.UnixMicro(n)
	}
	return f, nil
}

// pairs reads what HGETALL answers inside of a script.
func pairs(answer any) map[string]string {
	list, _ := answer.([]any)
	row := make(map[string]string, len(list)/2)
	for i := 0; i+1 < len(list); i += 2 {
		name, _ := list[i].(string)
		row[name], _ = list[i+1].(string)
	}
	return row
}
