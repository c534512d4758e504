// Tasks are ordinary functions, so their tests are an ordinary program: `make test`.

#undef NDEBUG
#include <cassert>
#include <cstring>

#include "jackfield.h"

int main() {
    jf_str output;
    assert(!jf_run("greet", "{\"name\": \"Ada\"}", &output).failed);
    assert(jf_equals(output, "{\"text\":\"Hello, Ada!\"}"));
    jf_answer answer = jf_run("greet", "{\"name\": \"\"}", &output);
    assert(answer.failed && std::strcmp(answer.code, "no-name") == 0);
}
