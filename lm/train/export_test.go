package train

// SeedInOrder returns a seed with which the first epoch of a run uses its n items in
// their order.
func SeedInOrder(n int) uint64 {
	for seed := uint64(0); ; seed++ {
		o := order{seed: seed, n: n}
		i := 0
		for i < n && o.at(i) == i {
			i++
		}
		if i == n {
			return seed
		}
	}
}
