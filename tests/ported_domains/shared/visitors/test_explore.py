import pytest
from tests.ported_domains.shared.visitors.twins import FORM, SECRET, Twins

JAR = ("Cookie", f"csrftoken={SECRET}")
T = ("Content-Type", FORM)
MULTI = ("Content-Type", "multipart/form-data; boundary=b")
OK = f"csrfmiddlewaretoken={SECRET}".encode()

def part(name, value):
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
END = b"--b--\r\n"
BIGQ = "&".join(f"a{n}=1" for n in range(1100))
CASES = {
 "get": ("GET", "/probes/form/", (), b""),
 "get session": ("GET", "/probes/session/", (), b""),
 "get user": ("GET", "/probes/user/", (), b""),
 "get exempt": ("GET", "/probes/exempt/", (), b""),
 "get exempt malformed csrf": ("GET", "/probes/exempt/", (("Cookie", "csrftoken=bad"),), b""),
 "get unknown session": ("GET", "/probes/session/", (("Cookie", "sessionid="+"x"*32),), b""),
 "get exempt unknown session": ("GET", "/probes/exempt/", (("Cookie", "sessionid="+"x"*32),), b""),
 "get short session": ("GET", "/probes/exempt/", (("Cookie", "sessionid=short"),), b""),
 "get empty session": ("GET", "/probes/exempt/", (("Cookie", "sessionid="),), b""),
 "nul session": ("GET", "/probes/session/", (("Cookie", 'sessionid="\\000\\000\\000\\000\\000\\000\\000\\000\\000"'),), b""),
 "long session": ("GET", "/probes/session/", (("Cookie", 'sessionid='+'y'*4000),), b""),
 "latin session": ("GET", "/probes/session/", (("Cookie", 'sessionid=ääääääääääää'),), b""),
 "two sessions": ("GET", "/probes/session/", (("Cookie", 'sessionid=short; sessionid='+'x'*32),), b""),
 "odd cookies": ("GET", "/probes/session/", (("Cookie", ';;=;a;=b; sessionid; csrftoken'),), b""),
 "messages bad cookie": ("GET", "/probes/messages/", (("Cookie", 'messages=garbage'),), b""),
 "post": ("POST", "/probes/form/", (JAR, T), OK+b"&a=1"),
 "post no cookie": ("POST", "/probes/form/", (T,), OK),
 "post header": ("POST", "/probes/form/", (JAR, T, ("X-CSRFToken", SECRET)), b"a=1"),
 "post wrong field right header": ("POST", "/probes/form/", (JAR, T, ("X-CSRFToken", SECRET)), b"csrfmiddlewaretoken="+b"t"*32),
 "post empty field right header": ("POST", "/probes/form/", (JAR, T, ("X-CSRFToken", SECRET)), b"csrfmiddlewaretoken="),
 "post two fields": ("POST", "/probes/form/", (JAR, T), b"csrfmiddlewaretoken="+b"t"*32+b"&"+OK),
 "post token in query": ("POST", "/probes/form/?"+OK.decode(), (JAR, T), b"a=1"),
 "post text plain": ("POST", "/probes/form/", (JAR, ("Content-Type", "text/plain")), OK),
 "post no type": ("POST", "/probes/form/", (JAR,), OK),
 "post odd case type": ("POST", "/probes/form/", (JAR, ("Content-Type", "Application/X-WWW-Form-Urlencoded ; charset=UTF-8")), OK),
 "post charset": ("POST", "/probes/form/", (JAR, ("Content-Type", FORM+"; charset=latin-1")), OK),
 "post charset star": ("POST", "/probes/form/", (JAR, ("Content-Type", FORM+"; charset*=foo''utf-8")), OK),
 "post two types": ("POST", "/probes/form/", (JAR, T, ("Content-Type", "text/plain")), OK),
 "post two types 2": ("POST", "/probes/form/", (JAR, ("Content-Type", "text/plain"), T), OK),
 "multi": ("POST", "/probes/form/", (JAR, MULTI), part("csrfmiddlewaretoken", SECRET)+part("a","1")+END),
 "multi no boundary": ("POST", "/probes/form/", (JAR, ("Content-Type", "multipart/form-data")), part("csrfmiddlewaretoken", SECRET)+part("a","1")+END),
 "multi no cookie malformed": ("POST", "/probes/form/", (("Content-Type", "multipart/form-data"),), b"x"),
 "multi file token": ("POST", "/probes/form/", (JAR, MULTI), part('csrfmiddlewaretoken"; filename="x', SECRET)+END),
 "multi unfinished": ("POST", "/probes/form/", (JAR, MULTI), part("csrfmiddlewaretoken", SECRET)),
 "too many": ("POST", "/probes/form/", (JAR, T), OK+b"&"+BIGQ.encode()),
 "too large": ("POST", "/probes/form/", (JAR, T), OK+b"&a="+b"x"*2_700_000),
 "too large no cookie": ("POST", "/probes/form/", (T,), OK+b"&a="+b"x"*2_700_000),
 "put": ("PUT", "/probes/form/", (JAR, T), OK),
 "put header": ("PUT", "/probes/form/", (JAR, T, ("X-CSRFToken", SECRET)), b"a=1"),
 "delete": ("DELETE", "/probes/form/", (JAR,), b""),
 "patch json": ("PATCH", "/probes/form/", (JAR, ("Content-Type","application/json")), b"{}"),
 "trace": ("TRACE", "/probes/form/", (JAR,), b""),
 "options": ("OPTIONS", "/probes/form/", (JAR,), b""),
 "head": ("HEAD", "/probes/form/", (JAR,), b""),
 "head session": ("HEAD", "/probes/session/", (("Cookie", "sessionid="+"x"*32),), b""),
 "exempt post": ("POST", "/probes/exempt/", (T,), b"a=1"),
 "exempt put": ("PUT", "/probes/exempt/", (T,), b"a=1"),
 "exempt post malformed": ("POST", "/probes/exempt/", (("Content-Type", "multipart/form-data"),), b"a=1"),
 "origin bad": ("POST", "/probes/form/", (JAR, T, ("Origin", "https://evil.example")), OK),
 "origin null": ("POST", "/probes/form/", (JAR, T, ("Origin", "null")), OK),
 "origin good": ("POST", "/probes/form/", (JAR, T, ("Origin", "http://www.example.org")), OK),
 "origin https": ("POST", "/probes/form/", (JAR, T, ("Origin", "https://www.example.org")), OK),
 "origin twice": ("POST", "/probes/form/", (JAR, T, ("Origin", "https://evil.example"), ("Origin", "http://www.example.org")), OK),
 "origin port": ("POST", "/probes/form/", (JAR, T, ("Host", "www.example.org:8000"), ("Origin", "http://www.example.org:8000")), OK),
 "port out of range": ("POST", "/probes/form/", (JAR, T, ("Host", "www.example.org:99999")), OK),
 "port empty": ("POST", "/probes/form/", (JAR, T, ("Host", "www.example.org:")), OK),
 "https origin": ("POST", "/probes/form/", (JAR, T, ("X-Forwarded-Proto", "https"), ("Origin", "https://www.example.org")), OK),
 "https no referer": ("POST", "/probes/form/", (JAR, T, ("X-Forwarded-Proto", "https")), OK),
 "https referer": ("POST", "/probes/form/", (JAR, T, ("X-Forwarded-Proto", "https"), ("Referer", "https://www.example.org/x")), OK),
 "https bad referer": ("POST", "/probes/form/", (JAR, T, ("X-Forwarded-Proto", "https"), ("Referer", "http://www.example.org/x")), OK),
 "members": ("GET", "/probes/for/members/?a=1&b=%C3%A4", (), b""),
 "members path": ("GET", "/probes/for/members/?next=//evil.example", (), b""),
 "members long": ("GET", "/probes/for/members/?"+"a"*15000, (), b""),
 "members post": ("POST", "/probes/for/members/", (JAR, T), OK),
 "members post no token": ("POST", "/probes/for/members/", (), b""),
 "editors": ("GET", "/probes/for/editors/", (), b""),
 "session post": ("POST", "/probes/session/", (JAR, T), OK+b"&key=a&value=1"),
 "session post 500": ("POST", "/probes/session/", (JAR, T), OK+b"&key=a&value=x"),
 "message post": ("POST", "/probes/messages/", (JAR, T), OK+b"&level=20&text=a"),
 "login page": ("GET", "/accounts/login/", (), b""),
 "login many query": ("GET", "/accounts/login/?"+BIGQ, (), b""),
 "no such page": ("GET", "/probes/none/", (("Cookie", "sessionid="+"x"*32),), b""),
 "post no such page": ("POST", "/probes/none/", (), b""),
 "post no slash": ("POST", "/probes/form", (), b""),
 "get no slash": ("GET", "/probes/form", (("Cookie", "sessionid="+"x"*32),), b""),
 "flag unknown": ("GET", "/probes/flag/none/", (), b""),
}

@pytest.mark.parametrize("name", CASES)
async def test_it(twins: Twins, name: str) -> None:
    method, target, fields, body = CASES[name]
    await twins.agree(method, target, *fields, body=body)
