// 1,024 fibers take turns, each with numbers in registers that a switch must keep.
#include "../native/fiber.cpp"

#include <cstdio>
#include <cstdlib>

constexpr int fibers = 1024, turns = 100;

static void *main_context, *contexts[fibers];
static int now, done;
static double results[fibers];

static void next() {
  const int from = now;
  now = (now + 1) % fibers;
  standin::standin_switch(&contexts[from], contexts[now]);
}

static void enter() {
  const int self = now;
  long a = self, b = self + 1, c = self + 2, d = self + 3, e = self + 4;
  double x = self, y = 0.5 * self;
  for (int i = 0; i < turns; i++) {
    next();
    a += b, b += c, c += d, d += e, e += 1;
    x += y, y += 0.25;
  }
  // Aligned as the ABI says, or an instruction of the compiler's would fault.
  alignas(16) volatile float vector[4] = {1, 2, 3, 4};
  results[self] = double(a + b + c + d + e) + x + y + double(vector[3]) + double(reinterpret_cast<uintptr_t>(vector) % 16);
  if (++done == fibers) standin::standin_switch(&contexts[self], main_context);
  next();
  abort();
}

static double expected(int self) {
  long a = self, b = self + 1, c = self + 2, d = self + 3, e = self + 4;
  double x = self, y = 0.5 * self;
  for (int i = 0; i < turns; i++) {
    a += b, b += c, c += d, d += e, e += 1;
    x += y, y += 0.25;
  }
  return double(a + b + c + d + e) + x + y + 4;
}

int main() {
  for (int i = 0; i < fibers; i++) contexts[i] = standin::prepare(static_cast<char *>(malloc(standin::stack_bytes)) + standin::stack_bytes, enter);
  standin::standin_switch(&main_context, contexts[0]);
  int wrong = 0;
  for (int i = 0; i < fibers; i++) wrong += results[i] != expected(i);
  printf("%d of %d fibers are wrong\n", wrong, done);
}
