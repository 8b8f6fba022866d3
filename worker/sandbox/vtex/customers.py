"""The customer whom every OMS order shows: none of these words may ever appear in what the service writes."""

FIRST_NAME = "Fulaninha"
LAST_NAME = "Inventadissima"
EMAIL = "fulaninha.inventadissima@cliente.invalid"
MASKED_EMAIL = "1f2e3d-inventado@ct.vtex.invalid"
PHONE = "+5500987650001"
DOCUMENT = "00011100099"
STREET = "Rua Que Nao Existe"
COMPLEMENT = "Apartamento Imaginario 404"
POSTAL_CODE = "00000-404"
NEIGHBORHOOD = "Bairro Ficticio"
CITY = "Cidade Inventada"

CUSTOMER_WORDS = (
    FIRST_NAME,
    LAST_NAME,
    EMAIL,
    MASKED_EMAIL,
    PHONE,
    DOCUMENT,
    STREET,
    COMPLEMENT,
    POSTAL_CODE,
    NEIGHBORHOOD,
    CITY,
)


def client_profile() -> dict[str, object]:
    """Return `clientProfileData`."""
    return {
        "id": "clientProfileData",
        "email": MASKED_EMAIL,
        "firstName": FIRST_NAME,
        "lastName": LAST_NAME,
        "documentType": "cpf",
        "document": DOCUMENT,
        "phone": PHONE,
        "corporateName": None,
        "tradeName": None,
        "corporateDocument": None,
        "stateInscription": None,
        "corporatePhone": None,
        "isCorporate": False,
        "userProfileId": None,
        "customerClass": None,
    }


def address() -> dict[str, object]:
    """Return the customer's address."""
    return {
        "addressType": "residential",
        "receiverName": f"{FIRST_NAME} {LAST_NAME}",
        "addressId": "casa",
        "postalCode": POSTAL_CODE,
        "city": CITY,
        "state": "SP",
        "country": "BRA",
        "street": STREET,
        "number": "404",
        "neighborhood": NEIGHBORHOOD,
        "complement": COMPLEMENT,
        "reference": None,
        "geoCoordinates": [],
    }


def contact() -> dict[str, object]:
    """Return a row of `shippingData.contactInformation`."""
    return {
        "id": "contato",
        "email": EMAIL,
        "firstName": FIRST_NAME,
        "lastName": LAST_NAME,
        "document": DOCUMENT,
        "documentType": "cpf",
        "phone": PHONE,
    }
