package token

import "math/big"

// rocaPrimes are small primes p for which the powers of 65537 leave out some of 1 to p-1. Other primes tell nothing.
var rocaPrimes = []int64{
	11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
}

// isROCA reports an RSA modulus as the generator of CVE-2017-15361 made them: modulo each small prime it is a power of
// 65537. A modulus of another origin looks so once in some two hundred million.
func isROCA(n *big.Int) bool {
	var rest big.Int
	for _, p := range rocaPrimes {
		want := rest.Mod(n, big.NewInt(p)).Int64()
		power, found := int64(1), false
		for range p {
			found = found || power == want
			power = power * 65537 % p
		}
		if !found {
			return false
		}
	}
	return true
}
