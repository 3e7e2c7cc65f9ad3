package imagechat

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// USD is an amount of United States dollars in billionths of a dollar, so
// that sums of token prices (from $0.25 a million) are exact. In JSON it is a
// plain decimal number of dollars.
type USD int64

// Dollar is one United States dollar.
const Dollar USD = 1_000_000_000

// Dollars converts a number of dollars, rounding to the nearest billionth.
func Dollars(v float64) USD { return USD(math.Round(v * float64(Dollar))) }

// Float returns the amount in dollars, for display and metrics only.
func (u USD) Float() float64 { return float64(u) / float64(Dollar) }

// String renders the exact amount, such as "0.0336".
func (u USD) String() string {
	sign := ""
	if u < 0 {
		sign, u = "-", -u
	}
	s := fmt.Sprintf("%s%d.%09d", sign, u/Dollar, u%Dollar)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// MarshalJSON renders the exact decimal.
func (u USD) MarshalJSON() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalJSON reads a decimal number of dollars.
func (u *USD) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.IsNaN(v) || math.Abs(v) > 9e9 {
		return fmt.Errorf("imagechat: %q is no amount of dollars", b)
	}
	*u = Dollars(v)
	return nil
}
