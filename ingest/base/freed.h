#pragma once
// Freed: a deleter out of a C function, for what a C library gives to be owned:
// std::unique_ptr<BIO, Freed<BIO_free>>. Stateless.

namespace ingest {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};

}  // namespace ingest
